using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>UNAUTHENTICATE (RFC 8437): as after the greeting, with TLS and compression as they are.</summary>
internal sealed record Unauthenticate : IAuthenticatedCommand<Unauthenticate>
{
    public static Verb Verb { get; } = new("UNAUTHENTICATE") { Capability = "UNAUTHENTICATE" };

    public static Unauthenticate Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct)
    {
        session.LogOut();
        return new(Reply.Ok("Logged out, log in again", Code.Capability(ImapCapabilities.Of(session))));
    }
}
