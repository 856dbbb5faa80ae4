using Npgsql;
using Webmail.MailCore.Store.Postgres;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Jobs;

/// <summary>
/// Frees large messages' octets that nothing names, in two phases: what nobody has touched for a day is doomed; what is still doomed a day later goes.
/// Whoever is about to refer to an object touches it first (<see cref="BlobStore"/>), which undoes the doom, and the row's lock settles who was first.
/// </summary>
internal sealed class SweepObjects(NpgsqlDataSource dataSource) : IJob
{
    private static readonly TimeSpan Wait = TimeSpan.FromDays(1);

    private const string DoomSql =
        """
        update mail.object o set doomed_at = now()
        where o.doomed_at is null and o.refreshed_at < now() - $1::interval
          and not exists (select from mail.message g where g.object_id = o.object_id)
          and not exists (select from queue.message q where q.object_id = o.object_id)
        """;

    private const string FreeSql =
        """
        with gone as (
          delete from mail.object o where o.object_id in (
            select d.object_id from mail.object d
            where d.doomed_at < now() - $1::interval
              and not exists (select from mail.message g where g.object_id = d.object_id)
              and not exists (select from queue.message q where q.object_id = d.object_id) limit 100)
            and o.doomed_at < now() - $1::interval
          returning o.object_id)
        delete from mail.object_chunk c using gone g where c.object_id = g.object_id
        """;

    // Chunks of an upload that never ended.
    private const string OrphansSql =
        """
        delete from mail.object_chunk c where c.at < now() - $1::interval and not exists (select from mail.object o where o.object_id = c.object_id)
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        await dataSource.ExecuteAsync(DoomSql, [Value(Wait)], ct);
        while (await dataSource.ExecuteAsync(FreeSql, [Value(Wait)], ct) > 0)
        {
        }

        await dataSource.ExecuteAsync(OrphansSql, [Value(Wait * 2)], ct);
    }
}
