namespace Webmail.Protocols.Pop3.Commands;

/// <summary>TOP (RFC 1939 section 7): the header and the first lines of the body. Doesn't make a message \Seen.</summary>
internal sealed record Top(int Number, int Lines) : ITransactionCommand<Top>
{
    public static Verb Verb { get; } = new("TOP") { Capability = _ => "TOP" };

    public static Top Parse(ref Pop3Reader r)
    {
        var number = r.Number("The message number");
        var lines = r.Number("The number of lines");
        r.End();
        return new(number, lines);
    }

    public async ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct)
    {
        if (drop.Find(Number) is null)
            return NoSuchMessage.Reply;
        var read = Lines == 0 ? drop.ReadHeaderAsync(Number, ct) : drop.ReadAsync(Number, ct);
        return await read is { } body ? Pop3Reply.Ok("The top follows", new MessageLines(body, Lines)) : NoSuchMessage.Gone;
    }
}
