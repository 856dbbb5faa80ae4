namespace Webmail.Protocols.Pop3.Commands;

/// <summary>NOOP (RFC 1939 section 5).</summary>
internal sealed record Noop : ITransactionCommand<Noop>
{
    public static Verb Verb { get; } = new("NOOP");

    public static Noop Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct) => new(Pop3Reply.Ok(""));
}
