using System.CommandLine;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.Configuration;

namespace Webmail.Web.Cli;

/// <summary>user token ADDRESS add LABEL [--scope SCOPE…] [--lifetime TIME] | list | remove ID</summary>
internal static class UserToken
{
    public static Command Create(Terminal terminal)
    {
        var address = UserCredentials.Address();
        var label = UserCredentials.Label();
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"What it opens: {string.Join(", ", AccessScope.All)} (may be repeated, or separated by commas; default: imap,pop3,smtp)",
            Arity = ArgumentArity.OneOrMore,
            HelpName = "scope",
        };
        var lifetime = new Option<string?>("--lifetime") { Description = "How long it is good, e.g. 90d or 12h (default: until it is removed)" };
        var add = new TaughtCommand(
            "add", "Make an access token and print it, once: for OAUTHBEARER, XOAUTH2 and the REST API",
            "user token ann@example.org add backup --scope imap --lifetime 90d", "user token ann@example.org add script --scope api --json")
        {
            label, scopes, lifetime,
        };
        Workbench.Run(add, terminal, async (bench, line, ct) =>
        {
            var made = await bench.Get<CredentialAdmin>().AddTokenAsync(
                bench.Actor, line.GetRequiredValue(address), line.GetRequiredValue(label), Scopes(line.GetValue(scopes)), Lifetime(line.GetValue(lifetime)), ct);
            return await bench.SayAsync(UserCredentials.Shown(made.Info, made.Secret), $"The token \"{made.Info.Label}\" ({made.Info.Id}): {made.Secret}");
        });
        return UserCredentials.Group(CredentialKind.AccessToken, "token", "Access tokens for programs: OAUTHBEARER, XOAUTH2, the REST API", address, add, terminal);
    }

    static AccessScopes Scopes(string[]? names) => names is not { Length: > 0 }
        ? AccessScopes.Mail
        : names.SelectMany(n => n.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Aggregate(AccessScopes.None, (all, name) => all | (AccessScope.Parse(name)
            ?? throw new MailException(MailError.Invalid, $"There is no scope \"{name}\"; write {string.Join(", ", AccessScope.All)}")));

    static TimeSpan? Lifetime(string? text) => text is null
        ? null
        : ValueParsers.DurationOrNull(text) ?? throw new MailException(MailError.Invalid, $"--lifetime {text} isn't a time; write for example 90d or 12h");
}
