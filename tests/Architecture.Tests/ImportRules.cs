namespace Webmail.Architecture.Tests;

/// <summary>Who may import whom (docs/architecture.md): nothing points from a lower layer to a higher one, and each library has its rooms.</summary>
public sealed class ImportRules
{
    private const string Core = "Webmail.MailCore";
    private const string Wires = "Webmail.Protocols";

    /// <summary>The layers of MailCore, lowest first. A room sees its own layer's rooms of the same name and everything below.</summary>
    private static readonly string[][] Layers =
    [
        ["Model", "Settings"],
        ["Mime"],
        ["Store"],
        ["Directory", "Auth", "Dns"],
        ["Inbound", "Outbound"],
        ["Admin", "Jobs"],
    ];

    /// <summary>Plain values and faces that stand in a room's name and that every layer may hold: they use nothing above them.</summary>
    private static readonly string[] Values = [$"{Core}.Auth|Principal", $"{Core}.Store|MessageFacts", $"{Core}.Store|MessageBody", $"{Core}.Store|MemoryBody", $"{Core}.Store|MessageSpool"];

    [Fact]
    public void MailCoresLayersPointDownwards()
    {
        var wrong = UsesIn("MailCore").Where(use => LayerOf(use.User) is { } user && LayerOf(use.Used) is { } used && used > user && !IsRoot(use.User, Core)
            && !Values.Contains(use.Used));
        AssertNone(wrong);
    }

    [Fact]
    public void TheProtocolsNeverSeeEachOther()
    {
        string[] protocols = ["Smtp", "Pop3", "Imap"];
        var wrong = UsesIn("Protocols").Where(use =>
            protocols.FirstOrDefault(p => IsIn(use.User, $"{Wires}.{p}")) is { } own && protocols.Any(p => p != own && IsIn(use.Used, $"{Wires}.{p}")));
        AssertNone(wrong);
    }

    [Theory]
    [InlineData("MailCore", "Npgsql", "Store", "Outbound", "Data", "Jobs", "Directory", "Admin|QueueAdmin")]
    [InlineData("MailCore", "Microsoft.EntityFrameworkCore", "Data", "Directory", "Auth", "Admin")]
    [InlineData("MailCore", "MimeKit", "Mime", "Inbound", "Outbound")]
    [InlineData("MailCore", "DnsClient", "Dns")]
    [InlineData("MailCore", "Microsoft.AspNetCore")]
    [InlineData("Protocols", "Npgsql")]
    [InlineData("Protocols", "Microsoft.EntityFrameworkCore")]
    [InlineData("Protocols", "MimeKit")]
    [InlineData("Protocols", "Microsoft.AspNetCore")]
    [InlineData("webmail", "Npgsql", "Cli")]
    [InlineData("webmail", "Microsoft.EntityFrameworkCore")]
    [InlineData("webmail", "MimeKit")]
    [InlineData("webmail", "Webmail.MailCore.Data", "Cli", "Hosting")]
    public void ALibraryStaysInItsRooms(string assembly, string library, params string[] rooms)
    {
        var root = assembly switch { "MailCore" => Core, "Protocols" => Wires, _ => "Webmail.Web" };
        var wrong = UsesIn(assembly).Where(use => IsIn(use.Used, library) && IsIn(use.User, root) && !IsRoot(use.User, root)
            && !rooms.Any(room => IsIn(use.User, $"{root}.{room}")));
        AssertNone(wrong);
    }

    private static (string User, string Used)[] UsesIn(string assembly) => [.. Uses.Of(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"))];

    private static int? LayerOf(string type)
    {
        for (var i = 0; i < Layers.Length; i++)
        {
            if (Layers[i].Any(room => IsIn(type, $"{Core}.{room}")))
                return i;
        }

        return null;
    }

    private static bool IsIn(string type, string space) =>
        type == space || type.StartsWith(space + "|", StringComparison.Ordinal) || type.StartsWith(space + ".", StringComparison.Ordinal);

    /// <summary>Registration (MailCoreServices and the rooms' own …Services) stands above the rooms.</summary>
    private static bool IsRoot(string type, string root) =>
        type.StartsWith(root + "|", StringComparison.Ordinal) || type.EndsWith("Services", StringComparison.Ordinal);

    private static void AssertNone(IEnumerable<(string User, string Used)> wrong)
    {
        var lines = wrong.Select(use => $"{use.User.Replace('|', '.')} uses {use.Used.Replace('|', '.')}").Distinct().Order().ToList();
        Assert.True(lines.Count == 0, string.Join('\n', lines));
    }
}
