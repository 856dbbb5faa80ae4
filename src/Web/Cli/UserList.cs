using System.CommandLine;
using Webmail.MailCore.Admin;

namespace Webmail.Web.Cli;

/// <summary>user list [--domain NAME]</summary>
internal static class UserList
{
    public static Command Create(Terminal terminal)
    {
        var domain = new Option<string?>("--domain") { Description = "Only this domain's users" };
        var command = new TaughtCommand("list", "Show the users with what they keep", "user list", "user list --domain example.org --json") { domain };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var users = new List<UserInfo>();
            string? after = null;
            do
            {
                var page = await bench.Get<UserAdmin>().ListAsync(bench.Actor, new UserQuery { Domain = line.GetValue(domain), After = after, Limit = 500 }, ct);
                users.AddRange(page.Items);
                after = page.Next;
            }
            while (after is not null);
            return await bench.SayAsync(users.ConvertAll(Shown), all => Table.Of(["ADDRESS", "MESSAGES", "USED", "QUOTA", "", "NAME"], users.Select(Row)));
        });
        return command;
    }

    static object Shown(UserInfo user) => new
    {
        user.Address,
        user.DisplayName,
        user.IsAdministrator,
        user.IsDisabled,
        user.QuotaBytes,
        user.MessageLimit,
        user.UsedBytes,
        user.Messages,
        user.CreatedAt,
        user.LastLogin,
    };

    static string[] Row(UserInfo user) =>
    [
        user.Address, user.MessageLimit is { } limit ? $"{user.Messages} of {limit}" : $"{user.Messages}", Table.Bytes(user.UsedBytes), user.QuotaBytes is { } quota ? Table.Bytes(quota) : "no limit",
        (user.IsAdministrator ? "administrator " : "") + (user.IsDisabled ? "disabled" : ""), user.DisplayName,
    ];
}
