namespace Webmail.Protocols.Pop3.Commands;

/// <summary>UIDL (RFC 1939 section 7): numbers and unique ids, which stay the same in all sessions.</summary>
internal sealed record Uidl(int? Number) : ITransactionCommand<Uidl>
{
    public static Verb Verb { get; } = new("UIDL") { Capability = _ => "UIDL" };

    public static Uidl Parse(ref Pop3Reader r)
    {
        var number = r.OptionalNumber("The message number");
        r.End();
        return new(number);
    }

    public ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct)
    {
        if (Number is not { } number)
            return new(Pop3Reply.Ok("Unique ids follow", new Listing(drop, withUniqueIds: true)));
        return new(drop.Find(number) is { } entry ? Pop3Reply.Ok($"{number} {drop.UniqueId(entry)}") : NoSuchMessage.Reply);
    }
}
