-- When each setting of a plugin was set: one token may be changed without the other.

alter table plugins add column set_at jsonb not null default '{}';
update plugins set set_at = coalesce((select jsonb_object_agg(name, updated_at) from unnest(config_names) as name), '{}');
