namespace Webmail.Protocols.Imap.Commands;

/// <summary>CANCELUPDATE (RFC 5267 section 4.3.5).</summary>
internal sealed record CancelUpdate(IReadOnlyList<string> Tags) : ISelectedCommand<CancelUpdate>
{
    public static Verb Verb { get; } = new("CANCELUPDATE");

    public static CancelUpdate Parse(ref ImapReader r)
    {
        var tags = new List<string>();
        r.Space();
        do
            tags.Add(r.AString());
        while (r.Take(' ') && !r.IsAtEnd);
        r.End();
        return new(tags);
    }

    public ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        var all = true;
        foreach (var tag in Tags)
            all &= box.Updates.Cancel(tag);
        return new(all ? Reply.Ok("No longer followed") : Reply.Bad("There is no result that is followed by such a tag"));
    }
}
