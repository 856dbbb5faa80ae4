namespace Webmail.Protocols.Imap.Commands;

/// <summary>
/// UIDBATCHES (RFC 10022): the UIDs at which the mailbox falls into batches of so many messages, the newest first. The ranges lie end to end and reach down to 1.
/// </summary>
/// <param name="Size">Messages of a batch; the last may have fewer.</param>
/// <param name="Range">The first and the last batch that are asked for, counted from 1; null: all.</param>
internal sealed record UidBatches(uint Size, (uint First, uint Last)? Range) : ISelectedCommand<UidBatches>
{
    /// <summary>A server may refuse smaller ones, up to 500.</summary>
    private const uint MinSize = 10;

    /// <summary>Enough for the 100,000 messages that a server must be able to tell of.</summary>
    private const int MaxBatches = 10_000;

    public static Verb Verb { get; } = new("UIDBATCHES") { Capability = "UIDBATCHES" };

    public static UidBatches Parse(ref ImapReader r)
    {
        r.Space();
        var size = Batch(ref r);
        (uint First, uint Last)? range = null;
        if (r.Take(' ') && !r.IsAtEnd)
        {
            var first = Batch(ref r);
            r.Expect(':');
            var last = Batch(ref r);
            range = last < first ? throw new SyntaxException("The lower batch comes first", Code.ClientBug) : (first, last);
        }

        r.End();
        return new(size, range);
    }

    public ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (Size < MinSize)
            return new(Reply.No($"A batch has at least {MinSize} messages", Code.TooFew));
        var messages = box.View.Messages;
        var (first, last) = Range ?? (1, uint.MaxValue);
        last = (uint)Math.Min(last, (messages.Count + Size - 1L) / Size);
        if (last >= first && last - first >= MaxBatches)
            return new(Reply.No($"These are more than {MaxBatches} batches; ask for some of them", Code.TooMany));
        var writer = session.Out;
        writer.Write($"* UIDBATCHES (TAG {new Quoted(session.Tag)})");
        for (var batch = first; batch <= last; batch++)
        {
            writer.Raw(batch == first ? " "u8 : ","u8);
            writer.Range(batch == 1 ? messages[messages.Count - 1].Uid.Value : Lowest(batch - 1) - 1, Lowest(batch));
        }

        writer.Raw("\r\n"u8);
        return new(Reply.Done);

        uint Lowest(uint batch) => messages.Count - (batch * (long)Size) is var index and > 0 ? messages[(int)index].Uid.Value : 1;
    }

    private static uint Batch(ref ImapReader r) => r.Number() is var number and > 0 ? number : throw new SyntaxException("Batches are counted from 1");
}
