using Npgsql;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using static Webmail.MailCore.Store.Postgres.Statement;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>Annotations: rows of the mailbox's owner, private ones marked with whose they are. Who may see a mailbox was asked when its id was found.</summary>
internal sealed class AnnotationStore(NpgsqlDataSource dataSource, Committed committed, Notifications others, Principal principal) : IAnnotationStore
{
    /// <summary>Entries of one mailbox (or of the server) that one user may have, or that are shared.</summary>
    private const int MaxEntries = 100;

    private const int Everything = -1;

    // Below a name: within so many levels, counted by the slashes behind it.
    private const string Wanted =
        """
        (select bool_or(x.entry = e or ($2 <> 0 and starts_with(x.entry, e || '/')
          and ($2 < 0 or length(substr(x.entry, length(e) + 1)) - length(replace(substr(x.entry, length(e) + 1), '/', '')) <= $2))) from unnest($1::text[]) e)
        """;

    private const string ReadSql =
        $"""
        select x.entry, x.value from mail.annotation x
        where x.account_id = $3 and x.mailbox_id = $4 and x.who in (0, $5) and x.value is not null and {Wanted} order by x.entry
        """;

    private const string ReadServerSql =
        $"""
        select x.entry, x.value from mail.annotation x
        where x.account_id = $3 and x.mailbox_id = 0 and x.who = $3 and x.value is not null and {Wanted}
        union all
        select x.entry, x.value from mail.server_annotation x where {Wanted} order by 1
        """;

    public async ValueTask<IReadOnlyList<Annotation>> ReadAsync(MailboxId? mailbox, IReadOnlyList<string> entries, int depth, CancellationToken ct)
    {
        NpgsqlParameter[] wanted = [Value(entries.ToArray()), Value(depth == int.MaxValue ? Everything : depth)];
        return mailbox is { } box
            ? await dataSource.QueryAsync(ReadSql, [.. wanted, Value(box.Account.Value), Value(box.Number), Value(principal.Account.Value)], Read, ct)
            : await dataSource.QueryAsync(ReadServerSql, [.. wanted, Value(principal.Account.Value)], Read, ct);
    }

    private const string SetSql = "select mail.annotate_1($1, $2, $3, $4, $5, $6)";

    private const string SetServerSql =
        """
        with gone as (delete from mail.server_annotation x where x.entry in (select n.entry from unnest($1::text[], $2::bytea[]) n(entry, value) where n.value is null))
        insert into mail.server_annotation as x select n.entry, n.value from unnest($1::text[], $2::bytea[]) n(entry, value) where n.value is not null
        on conflict (entry) do update set value = excluded.value
        """;

    public async ValueTask SetAsync(MailboxId? mailbox, IReadOnlyList<Annotation> annotations, CancellationToken ct)
    {
        if (mailbox is { } box)
        {
            await SetAsync(box, annotations, ct);
            return;
        }

        var shared = annotations.Where(static a => !a.IsPrivate).ToList();
        if (shared.Count > 0 && !principal.IsAdministrator)
            throw new MailException(MailError.NoPermission, "Shared annotations of the server are for administrators");
        if (shared.Count < annotations.Count)
            await SetAsync(new(principal.Account, 0), [.. annotations.Except(shared)], ct);
        if (shared.Count == 0)
            return;
        await dataSource.ExecuteAsync(
            SetServerSql, [Value(shared.Select(static a => a.Entry).ToArray()), Value(shared.Select(static a => a.Value).ToArray())], ct);
        await others.NotifyAsync(Notifications.Server, string.Join(' ', shared.Select(static a => a.Entry)), ct);
    }

    private const string SetUseSql = "select mail.set_use_1($1, $2, $3)";

    public async ValueTask SetUseAsync(MailboxId mailbox, SpecialUse use, CancellationToken ct)
    {
        var modSeq = await dataSource.QueryAsync(SetUseSql, [Value(mailbox.Account.Value), Value(mailbox.Number), Value((short)use)], r => r.GetInt64(0), ct);
        committed.AccountChanged(mailbox.Account, modSeq[0]);
    }

    private async ValueTask SetAsync(MailboxId mailbox, IReadOnlyList<Annotation> annotations, CancellationToken ct)
    {
        var modSeq = await dataSource.QueryAsync(
            SetSql,
            [
                Value(mailbox.Account.Value), Value(mailbox.Number), Value(annotations.Select(a => a.IsPrivate ? principal.Account.Value : 0).ToArray()),
                Value(annotations.Select(static a => a.Entry).ToArray()), Value(annotations.Select(static a => a.Value).ToArray()), Value(MaxEntries),
            ],
            r => r.GetInt64(0),
            ct);
        committed.AccountChanged(mailbox.Account, modSeq[0]);
    }

    private static Annotation Read(NpgsqlDataReader r) => new(r.GetString(0), r.GetFieldValue<byte[]>(1));
}
