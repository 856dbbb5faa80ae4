using System.CommandLine;
using System.Globalization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;

namespace Webmail.Web.Cli;

/// <summary>What app passwords, tokens and certificates have in common on the command line: the group with its address, list and remove.</summary>
internal static class UserCredentials
{
    /// <summary>user KIND ADDRESS add|list|remove</summary>
    public static Command Group(CredentialKind kind, string word, string description, Argument<string> address, Command add, Terminal terminal) =>
        new(word, description) { address, add, List(kind, word, address, terminal), Remove(kind, word, address, terminal) };

    public static Argument<string> Address() => new("address") { Description = "The user's address" };

    public static Argument<string> Label() => new("label") { Description = "What it is for, e.g. the device's name: it is how you find it again" };

    /// <summary>For --json: a list's member, or what was made.</summary>
    public static object Shown(CredentialInfo info, string? secret = null) => new
    {
        info.Id,
        info.Label,
        scopes = AccessScope.Text(info.Scopes).Split(' '),
        info.CreatedAt,
        info.ExpiresAt,
        info.LastUsed,
        secret,
    };

    static TaughtCommand List(CredentialKind kind, string word, Argument<string> address, Terminal terminal)
    {
        var command = new TaughtCommand("list", "Show them, and when each was used last", $"user {word} ann@example.org list", $"user {word} ann@example.org list --json");
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var all = await bench.Get<CredentialAdmin>().ListAsync(bench.Actor, line.GetRequiredValue(address), ct);
            var shown = all.Where(c => c.Kind == kind).ToList();
            return await bench.SayAsync(
                shown.ConvertAll(c => Shown(c)), _ => Table.Of(["ID", "MADE", "LAST USED", "RUNS OUT", "OPENS", "LABEL"], shown.Select(Row)));
        });
        return command;
    }

    static TaughtCommand Remove(CredentialKind kind, string word, Argument<string> address, Terminal terminal)
    {
        var id = new Argument<long>("id") { Description = "Its number, as list shows it" };
        var command = new TaughtCommand("remove", "Remove one; whoever is logged in with it is logged out", $"user {word} ann@example.org remove 7") { id };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var number = line.GetRequiredValue(id);
            await bench.Get<CredentialAdmin>().RemoveAsync(bench.Actor, line.GetRequiredValue(address), kind, number, ct);
            return await bench.SayAsync(new { removed = number }, $"{number} removed.");
        });
        return command;
    }

    static string[] Row(CredentialInfo info) =>
    [
        $"{info.Id}", Day(info.CreatedAt), info.LastUsed is { } used ? Day(used) : "never", info.ExpiresAt is { } end ? Day(end) : "never", AccessScope.Text(info.Scopes), info.Label,
    ];

    static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
