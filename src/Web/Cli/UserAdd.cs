using System.CommandLine;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.Web.Configuration;

namespace Webmail.Web.Cli;

/// <summary>user add ADDRESS [--password-stdin] [--admin] [--name NAME] [--quota SIZE] [--message-limit NUMBER]</summary>
internal static class UserAdd
{
    public static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "The user's address, which is the login name" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Read the password from the first line of standard input; without it one is made and printed" };
        var admin = new Option<bool>("--admin") { Description = "Make the user an administrator" };
        var name = new Option<string?>("--name") { Description = "The name shown beside the address" };
        var quota = new Option<string?>("--quota") { Description = "How much mail the user may keep, e.g. 2G; 0: no limit" };
        var messages = new Option<long?>("--message-limit") { Description = "How many messages the user may keep; 0: no limit" };
        var command = new TaughtCommand(
            "add", "Give somebody a mailbox", "user add ann@example.org --password-stdin < password.txt", "user add ann@example.org --name \"Ann Smith\" --quota 5G", "user add root@example.org --admin")
        {
            address, fromInput, admin, name, quota, messages,
        };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var given = line.GetValue(fromInput);
            var password = given ? await PasswordInput.ReadAsync(terminal, ct) : Passwords.Generate();
            var user = await bench.Get<UserAdmin>().AddAsync(
                bench.Actor,
                new NewUser(line.GetRequiredValue(address), password)
                {
                    IsAdministrator = line.GetValue(admin),
                    DisplayName = line.GetValue(name) ?? "",
                    QuotaBytes = Quota(line.GetValue(quota)),
                    MessageLimit = line.GetValue(messages),
                },
                ct);
            return await bench.SayAsync(
                new { user.Address, user.IsAdministrator, user.QuotaBytes, user.MessageLimit, password = given ? null : password },
                given ? $"{user.Address} added." : $"{user.Address} added. Password: {password}");
        });
        return command;
    }

    static long? Quota(string? text) => text is null
        ? null
        : ValueParsers.SizeOrNull(text) ?? throw new MailCore.Model.MailException(MailCore.Model.MailError.Invalid, $"--quota {text} isn't a size; write for example 2G or 0");
}
