using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>CREATE (RFC 3501 section 6.3.3), with a special use (RFC 6154 section 3).</summary>
/// <param name="UseIsPossible">False: a use that no mailbox can have here.</param>
internal sealed record Create(MailboxName Name, SpecialUse Use, bool UseIsPossible) : IAuthenticatedCommand<Create>
{
    public static Verb Verb { get; } = new("CREATE") { Capability = "CREATE-SPECIAL-USE" };

    public static Create Parse(ref ImapReader r)
    {
        r.Space();
        var name = r.NewMailbox();
        var use = SpecialUse.None;
        var possible = true;
        if (r.Take(' '))
        {
            r.Open();
            if (!r.TakeOption("USE"u8, "CREATE USE"))
                throw new SyntaxException("There is no such parameter");
            r.Space();
            r.Open();
            while (!r.NextIs(')'))
            {
                possible &= Take(ref r, ref use);
                r.Take(' ');
            }

            r.Close();
            r.Close();
        }

        r.End();
        return new(name, use, possible);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (!UseIsPossible)
            return Reply.No("A mailbox can't have this use", Code.UseAttr);
        if (Use != SpecialUse.None && await mail.Mailboxes.FindAsync(Use, ct) is not null)
            return Reply.No("Another mailbox has this use already", Code.UseAttr);
        var made = await mail.Mailboxes.CreateAsync(Name, Use, ct);
        session.Notifier?.Own.Add(made.Name);
        ListLine.WriteCanonical(session, made);
        return Reply.Ok("Made", Code.MailboxId(made.Id));
    }

    private static bool Take(ref ImapReader r, ref SpecialUse use)
    {
        r.Expect('\\');
        var found = SpecialUses.Find(Encoding.ASCII.GetString(r.Atom()));
        if (found is null || use != SpecialUse.None)
            return false;
        use = found.Value;
        return true;
    }
}
