-- A run keeps the connection's environment it was consumed with, sealed for the run: an order sent again is the same order.
alter table runs add column env_sealed bytea;
