using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>user remove ADDRESS</summary>
internal static class UserRemove
{
    public static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "The user's address" };
        var command = new TaughtCommand("remove", "Remove a user with all mail", "user remove ann@example.org") { address };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var user = line.GetRequiredValue(address);
            await bench.Get<UserAdmin>().RemoveAsync(bench.Actor, user, ct);
            return await bench.SayAsync(new { removed = user }, $"{user} removed.");
        });
        return command;
    }
}
