using System.Data.Common;
using Npgsql;

namespace Webmail.MailCore.Data;

/// <summary>The one pool of connections of this process, shared by the store, the queue and EF Core.</summary>
internal static class MailDataSource
{
    // Every statement of the store finds its rows by key. Without the first, a cached plan that was made while a table was nearly empty would go on
    // reading the whole table when it is not (and its penalty would set off the JIT compiler); without the second, statements that take arrays would be planned
    // anew at each call (ADR 0011). No statement looks one row up twice: remembering each (memoize) took two thirds of the time of opening a mailbox of 100,000 messages.
    private const string PlannerOptions = "-c enable_seqscan=off -c enable_memoize=off -c plan_cache_mode=force_generic_plan -c jit=off";

    public static NpgsqlDataSource Create(string connectionString)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (!given.ContainsKey("Application Name"))
            settings.ApplicationName = "webmail";
        if (!given.ContainsKey("Max Auto Prepare"))
            settings.MaxAutoPrepare = 200;
        if (!given.ContainsKey("Auto Prepare Min Usages"))
            settings.AutoPrepareMinUsages = 2;
        if (!given.ContainsKey("Maximum Pool Size"))
            settings.MaxPoolSize = 40;
        settings.Options = string.IsNullOrEmpty(settings.Options) ? PlannerOptions : $"{PlannerOptions} {settings.Options}";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }
}
