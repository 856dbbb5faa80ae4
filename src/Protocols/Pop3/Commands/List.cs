namespace Webmail.Protocols.Pop3.Commands;

/// <summary>LIST (RFC 1939 section 5): numbers and sizes.</summary>
internal sealed record List(int? Number) : ITransactionCommand<List>
{
    public static Verb Verb { get; } = new("LIST");

    public static List Parse(ref Pop3Reader r)
    {
        var number = r.OptionalNumber("The message number");
        r.End();
        return new(number);
    }

    public ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct)
    {
        if (Number is not { } number)
            return new(Pop3Reply.Ok($"{drop.Messages} messages ({drop.Octets} octets)", new Listing(drop, withUniqueIds: false)));
        return new(drop.Find(number) is { } entry ? Pop3Reply.Ok($"{number} {entry.Size}") : NoSuchMessage.Reply);
    }
}

internal static class NoSuchMessage
{
    public static readonly Pop3Reply Reply = Pop3Reply.Err("No such message");

    /// <summary>It was there at login, and another session has removed it since.</summary>
    public static readonly Pop3Reply Gone = Pop3Reply.Err("The message was removed by another session");
}
