using System.Net;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>What a person sees when the server is up: every address, and at the first start the passwords, once.</summary>
internal static class Banner
{
    /// <summary>The last line: scripts and tests wait for it.</summary>
    public const string Ready = "Webmail is ready.";

    public static void Show(TextWriter output, Database database, Listeners listeners, IReadOnlyList<SeededUser> seeded)
    {
        output.WriteLine();
        output.WriteLine($"  {database.Settings.Hostname}");
        output.WriteLine();
        foreach (var (door, endPoint) in listeners.Bound)
            output.WriteLine($"  {door.Title,-22} {Address(door, endPoint)}");
        output.WriteLine();
        output.WriteLine($"  {"Data",-22} {database.Settings.DataDirectory}");
        output.WriteLine($"  {"Database",-22} {(database.Local is { } local ? local.ClusterDirectory + " (PostgreSQL, started by this server)" : "as ConnectionStrings__Webmail says")}");
        if (seeded.Count > 0)
            ShowPasswords(output, seeded);
        output.WriteLine();
        output.WriteLine($"{Ready} Ctrl-C stops it.");
        output.Flush();
    }

    static void ShowPasswords(TextWriter output, IReadOnlyList<SeededUser> seeded)
    {
        output.WriteLine();
        output.WriteLine("  First start. These users were made; their passwords are shown only now:");
        output.WriteLine();
        foreach (var user in seeded)
            output.WriteLine($"  {user.Address,-22} {user.Password}{(user.IsAdministrator ? "   (administrator)" : "")}");
    }

    static string Address(Door door, IPEndPoint endPoint) =>
        door.Handler is null ? $"{(door.ImplicitTls ? "https" : "http")}://{Reachable(endPoint)}/" : endPoint.ToString();

    // 0.0.0.0 is nowhere a browser can go.
    static string Reachable(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any) ? $"localhost:{endPoint.Port}" : endPoint.ToString();
}
