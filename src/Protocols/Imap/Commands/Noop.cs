namespace Webmail.Protocols.Imap.Commands;

/// <summary>NOOP (RFC 3501 section 6.1.2): the loop tells what is new.</summary>
internal sealed record Noop : IAnyStateCommand<Noop>
{
    public static Verb Verb { get; } = new("NOOP") { AsksForNews = true };

    public static Noop Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct) => new(Reply.Done);
}
