/** Recordings, read in pages. */
import { queryOptions } from '@tanstack/react-query';
import { outputPage, paths, type SessionDetail } from '#shared/api-schemas.ts';
import { RecordingSource } from '../util/recording-source.ts';
import { askFor, withQuery } from './ask.ts';

/** Of a session that has ended: where its recording is read from, and how long it lasts (null: nobody noted times). */
export const recordingQuery = ({ id, outputBytes }: SessionDetail) =>
  queryOptions({
    queryKey: ['recording', id, outputBytes],
    queryFn: async () => {
      const source = new RecordingSource(outputBytes, (offset, limit) =>
        askFor(outputPage, withQuery(paths.output(id), { offset, limit })),
      );
      return { source, duration: await source.duration() };
    },
    staleTime: Infinity,
    // its pages are held by it
    gcTime: 0,
  });
