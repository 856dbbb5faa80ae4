namespace Webmail.Protocols.Imap.Commands;

/// <summary>LOGOUT (RFC 3501 section 6.1.3).</summary>
internal sealed record Logout : IAnyStateCommand<Logout>
{
    public static Verb Verb { get; } = new("LOGOUT");

    public static Logout Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct)
    {
        session.Out.Line($"* BYE Goodbye");
        return new(Reply.Ok("Logged out", after: After.Close));
    }
}
