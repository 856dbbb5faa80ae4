using System.Data.Common;
using Npgsql;

namespace Webmail.MailCore.Data;

/// <summary>The one pool of connections of this process, shared by the store, the queue and EF Core.</summary>
internal static class MailDataSource
{
    // Every statement of the store finds its rows by key. A cached plan that was made while a table was nearly empty would go on reading the
    // whole table when it is not: enable_seqscan only makes that the last resort (ADR 0011). Its penalty would set off the JIT compiler.
    private const string PlannerOptions = "-c enable_seqscan=off -c jit=off";

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
