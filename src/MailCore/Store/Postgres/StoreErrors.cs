using Npgsql;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store.Postgres;

/// <summary>What PostgreSQL says, in MailCore's words. WMxxx are raised by our own functions (see Data/Migrations/MailboxVerbs.sql).</summary>
internal static class StoreErrors
{
    /// <summary>The exception to throw instead: a MailException where the caller can do something about it, else the same (a bug).</summary>
    public static Exception Translate(NpgsqlException e) => e is PostgresException postgres ? Translate(postgres) : Unavailable(e);

    private static Exception Translate(PostgresException e) => e.SqlState switch
    {
        "WM403" => new MailException(MailError.NoPermission, e.MessageText, e),
        "WM404" => new MailException(MailError.NotFound, e.MessageText, e),
        "WM409" => new MailException(MailError.AlreadyExists, e.MessageText, e),
        "WM413" => new MailException(MailError.LimitReached, e.MessageText, e),
        "WM422" => new MailException(MailError.Invalid, e.MessageText, e),
        "WM423" => new MailException(MailError.InUse, e.MessageText, e),
        _ when IsOutage(e) => Unavailable(e),
        _ => e,
    };

    /// <summary>
    /// The server is stopping, starting, full, or gave up on us: the same request may succeed later. 08 connection, 53 resources, 57 operator
    /// intervention, 58 system error, 40 rolled back, 55P03 lock not available,
    /// 55000 the database takes no connections.
    /// </summary>
    public static bool IsOutage(PostgresException e) =>
        e.SqlState is "55P03" or "55000" || e.SqlState[..2] is "08" or "53" or "57" or "58" or "40";

    /// <summary>The same of whatever was thrown: the database is away, and nothing is wrong with what was asked of it.</summary>
    public static bool IsOutage(Exception e) => e switch
    {
        PostgresException postgres => IsOutage(postgres),
        MailException refusal => refusal.Error == MailError.Unavailable,
        _ => e is NpgsqlException,
    };

    private static MailException Unavailable(Exception e) => new(MailError.Unavailable, "The mail store can't be reached just now", e);
}
