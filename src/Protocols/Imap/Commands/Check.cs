namespace Webmail.Protocols.Imap.Commands;

/// <summary>CHECK (RFC 3501 section 6.4.1): everything is on disk already, so it is NOOP.</summary>
internal sealed record Check : ISelectedCommand<Check>
{
    public static Verb Verb { get; } = new("CHECK") { AsksForNews = true };

    public static Check Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct) => new(Reply.Done);
}
