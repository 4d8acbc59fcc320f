import type { Json } from '../../model.ts';

/** A picture of an app, or its words where it has no address of its own. */
export function Picture({ image }: { image: Json }) {
  const url = String(image.image_url ?? '');
  const words = String(image.alt_text ?? '');
  if (!/^(https?:\/\/|data:image\/)/i.test(url)) return <span className="unsupported">{words}</span>;
  return <img src={url} alt={words} referrerPolicy="no-referrer" />;
}
