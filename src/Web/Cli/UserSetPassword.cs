using System.CommandLine;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;

namespace Webmail.Web.Cli;

/// <summary>user set-password ADDRESS [--password-stdin]</summary>
internal static class UserSetPassword
{
    public static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "The user's address" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from the first line of standard input; without it one is made and printed" };
        var command = new TaughtCommand(
            "set-password", "Give a user a new password; those signed in with the old one are signed out", "user set-password ann@example.org", "user set-password ann@example.org --password-stdin < password.txt")
        {
            address, fromInput,
        };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var given = line.GetValue(fromInput);
            var password = given ? await PasswordInput.ReadAsync(terminal, ct) : Passwords.Generate();
            var user = line.GetRequiredValue(address);
            await bench.Get<UserAdmin>().SetPasswordAsync(bench.Actor, user, password, ct);
            return await bench.SayAsync(
                new { address = user, password = given ? null : password }, given ? $"The password of {user} is changed." : $"The new password of {user}: {password}");
        });
        return command;
    }
}
