using Webmail.MailCore.Data;

namespace Webmail.Web.Cli.Checks;

/// <summary>The database keeps what it acknowledges (fsync and its kin), and its schema is this program's.</summary>
internal sealed class DatabaseCheck : IDoctorCheck
{
    public string Subject => "database";

    public async Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct)
    {
        var behind = await bench.Get<Migrator>().CheckAsync(ct);
        var where = bench.Database.Local is { } local ? local.ClusterDirectory : "the server of ConnectionStrings__Webmail";
        return
        [
            Finding.Ok(Subject, $"{where} answers; fsync, full_page_writes and synchronous_commit are on"),
            behind == 0
                ? Finding.Ok("schema", "up to date")
                : Finding.Problem("schema", $"{behind} steps behind this program", "restart the server: it brings the schema up to date"),
        ];
    }
}
