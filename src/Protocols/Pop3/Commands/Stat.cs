namespace Webmail.Protocols.Pop3.Commands;

/// <summary>STAT (RFC 1939 section 5): how many messages are not marked as deleted, and their octets.</summary>
internal sealed record Stat : ITransactionCommand<Stat>
{
    public static Verb Verb { get; } = new("STAT");

    public static Stat Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct) => new(Pop3Reply.Ok($"{drop.Messages} {drop.Octets}"));
}
