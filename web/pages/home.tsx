import { useQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { useMe } from '../components/frame.tsx';
import { firstRunQuery, isEmptyInstallation } from '../data/first-run.ts';
import { Loading } from '../ui/loading.tsx';
import { pages } from '../util/paths.ts';
import { ReviewsPage } from './reviews.tsx';

/** Where everybody arrives: at what waits for them, or, as an admin where nothing could run yet, at the first steps. */
export function HomePage() {
  const me = useMe();
  const { data, isPending } = useQuery({ ...firstRunQuery, enabled: me.admin });
  if (!me.admin) return <ReviewsPage />;
  if (isPending) return <Loading what="the page" rows={4} />;
  return data && isEmptyInstallation(data) ? <Redirect to={pages.welcome} replace /> : <ReviewsPage />;
}
