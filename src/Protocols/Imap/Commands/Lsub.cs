using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>LSUB (RFC 3501 section 6.3.9).</summary>
internal sealed record Lsub(string Reference, string Pattern) : IAuthenticatedCommand<Lsub>
{
    public static Verb Verb { get; } = new("LSUB");

    public static Lsub Parse(ref ImapReader r)
    {
        r.Space();
        var reference = r.MailboxPrefix();
        r.Space();
        var pattern = r.ListPattern();
        r.End();
        return new(reference, pattern);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        if (Pattern.Length == 0)
        {
            session.Out.Line($"* LSUB (\\Noselect) \"/\" \"\"");
            return Reply.Done;
        }

        var pattern = new ListPattern(Reference, Pattern);

        // RFC 3501 section 6.3.9: "%" shows a level whose children are subscribed, as \Noselect when it isn't itself.
        var showsParents = Pattern.Contains('%', StringComparison.Ordinal);
        foreach (var name in await Listing.ReadAsync(mail, withSubscriptions: true, ct))
        {
            if (!(name.IsSubscribed || (showsParents && name.HasSubscribedBelow)) || !pattern.Matches(name.Name))
                continue;
            session.Out.Raw(name.IsSubscribed ? "* LSUB () \"/\" "u8 : "* LSUB (\\Noselect) \"/\" "u8);
            session.Out.Mailbox(name.Name);
            session.Out.Line($"");
            await session.Out.FlushIfLargeAsync(ct);
        }

        return Reply.Done;
    }
}
