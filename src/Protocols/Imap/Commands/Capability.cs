namespace Webmail.Protocols.Imap.Commands;

/// <summary>CAPABILITY (RFC 3501 section 6.1.1).</summary>
internal sealed record Capability : IAnyStateCommand<Capability>
{
    public static Verb Verb { get; } = new("CAPABILITY");

    public static Capability Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct)
    {
        session.Out.Line($"* {Code.Capability(ImapCapabilities.Of(session))}");
        return new(Reply.Done);
    }
}
