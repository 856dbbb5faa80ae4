using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>NAMESPACE (RFC 2342): one personal namespace, and others' mailboxes below one name, whether there are any or not.</summary>
internal sealed record Namespace : IAuthenticatedCommand<Namespace>
{
    public static Verb Verb { get; } = new("NAMESPACE") { Capability = "NAMESPACE" };

    public static Namespace Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        session.Out.Line($"* NAMESPACE ((\"\" \"/\")) (({new Quoted(OthersName.Prefix)} \"/\")) NIL");
        return new(Reply.Done);
    }
}
