using System.CommandLine;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;

namespace Webmail.Web.Cli;

/// <summary>user app-password ADDRESS add LABEL | list | remove ID</summary>
internal static class UserAppPassword
{
    public static Command Create(Terminal terminal)
    {
        var address = UserCredentials.Address();
        var label = UserCredentials.Label();
        var add = new TaughtCommand(
            "add", "Make an app password and print it, once: for one mail program, in place of the user's own password", "user app-password ann@example.org add \"Ann's phone\"") { label };
        Workbench.Run(add, terminal, async (bench, line, ct) =>
        {
            var made = await bench.Get<CredentialAdmin>().AddAppPasswordAsync(bench.Actor, line.GetRequiredValue(address), line.GetRequiredValue(label), ct);
            return await bench.SayAsync(UserCredentials.Shown(made.Info, made.Secret), $"The app password \"{made.Info.Label}\" ({made.Info.Id}): {made.Secret}");
        });
        return UserCredentials.Group(CredentialKind.AppPassword, "app-password", "Passwords for mail programs: IMAP, POP3 and SMTP, by PLAIN or SCRAM", address, add, terminal);
    }
}
