namespace Webmail.Protocols.Imap.Commands;

/// <summary>UNSELECT (RFC 3691): closes and removes nothing.</summary>
internal sealed record Unselect : ISelectedCommand<Unselect>
{
    public static Verb Verb { get; } = new("UNSELECT") { Capability = "UNSELECT", Leaves = true };

    public static Unselect Parse(ref ImapReader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        session.Unselect();
        return new(Reply.Ok("Closed"));
    }
}
