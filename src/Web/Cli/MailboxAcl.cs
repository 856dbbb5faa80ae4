using System.CommandLine;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Web.Cli;

/// <summary>mailbox acl show|set|remove OWNER MAILBOX [WHO [RIGHTS]]</summary>
internal static class MailboxAcl
{
    public static Command Create(Terminal terminal) =>
        new("acl", "Who else may do what with a mailbox (RFC 4314)") { Show(terminal), Set(terminal), Remove(terminal) };

    static Argument<string> Owner() => new("owner") { Description = "The address of the user whose mailbox it is" };

    static Argument<string> Mailbox() => new("mailbox") { Description = "The mailbox as its owner names it, e.g. Projects/2026" };

    static Argument<string> Who() => new("who") { Description = "A user's address, or anyone; -ADDRESS takes rights away that come from elsewhere. Write -- before it then" };

    static TaughtCommand Show(Terminal terminal)
    {
        Argument<string> owner = Owner(), mailbox = Mailbox();
        var command = new TaughtCommand("show", "Show who has which rights", "mailbox acl show ann@example.org Projects", "mailbox acl show ann@example.org Projects --json")
        {
            owner,
            mailbox,
        };
        Workbench.Run(command, terminal, (bench, line, ct) => SayAsync(bench, line.GetRequiredValue(owner), line.GetRequiredValue(mailbox), ct));
        return command;
    }

    static TaughtCommand Set(Terminal terminal)
    {
        Argument<string> owner = Owner(), mailbox = Mailbox(), who = Who();
        var rights = new Argument<string>("rights")
        {
            Description = "l list, r read, s keep read marks, w other flags, i add mail, t mark deleted, e expunge, k make mailboxes below, x delete or rename, a give rights; "
                + "+ before them adds, - takes away (write -- before it then)",
        };
        var command = new TaughtCommand(
            "set", "Give rights in a mailbox, and show what is there then", "mailbox acl set ann@example.org Projects bob@example.org lrs",
            "mailbox acl set ann@example.org Projects bob@example.org +wite")
        {
            owner,
            mailbox,
            who,
            rights,
        };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            string name = line.GetRequiredValue(owner), box = line.GetRequiredValue(mailbox);
            await bench.Get<SharingAdmin>().SetAsync(bench.Actor, name, box, line.GetRequiredValue(who), line.GetRequiredValue(rights), ct);
            return await SayAsync(bench, name, box, ct);
        });
        return command;
    }

    static TaughtCommand Remove(Terminal terminal)
    {
        Argument<string> owner = Owner(), mailbox = Mailbox(), who = Who();
        var command = new TaughtCommand("remove", "Take all rights of one entry away", "mailbox acl remove ann@example.org Projects bob@example.org") { owner, mailbox, who };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            string name = line.GetRequiredValue(owner), box = line.GetRequiredValue(mailbox);
            await bench.Get<SharingAdmin>().SetAsync(bench.Actor, name, box, line.GetRequiredValue(who), "", ct);
            return await SayAsync(bench, name, box, ct);
        });
        return command;
    }

    static async Task<int> SayAsync(Workbench bench, string owner, string mailbox, CancellationToken ct)
    {
        var entries = await bench.Get<SharingAdmin>().ListAsync(bench.Actor, owner, mailbox, ct);
        var shown = entries.Select(e => new { who = e.Who.ToString(), rights = e.Rights.Text(withObsolete: false) }).ToList();
        return await bench.SayAsync(shown, all => Table.Of(["WHO", "RIGHTS"], all.Select(e => new[] { e.who, e.rights })));
    }
}
