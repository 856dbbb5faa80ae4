namespace Webmail.Protocols.Pop3.Commands;

/// <summary>RSET (RFC 1939 section 5): no message is marked any more.</summary>
internal sealed record Rset : ITransactionCommand<Rset>
{
    public static Verb Verb { get; } = new("RSET");

    public static Rset Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct)
    {
        drop.Reset();
        return new(Pop3Reply.Ok($"{drop.Messages} messages ({drop.Octets} octets)"));
    }
}
