namespace Webmail.Protocols.Pop3.Commands;

/// <summary>RETR (RFC 1939 section 5).</summary>
internal sealed record Retr(int Number) : ITransactionCommand<Retr>
{
    public static Verb Verb { get; } = new("RETR");

    public static Retr Parse(ref Pop3Reader r)
    {
        var number = r.Number("The message number");
        r.End();
        return new(number);
    }

    public async ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct)
    {
        if (drop.Find(Number) is null)
            return NoSuchMessage.Reply;
        if (await drop.ReadAsync(Number, ct) is not { } body)
            return NoSuchMessage.Gone;
        drop.Retrieved(Number);
        return Pop3Reply.Ok($"{body.Length} octets", new MessageLines(body, null));
    }
}
