namespace Webmail.Protocols.Pop3.Commands;

/// <summary>DELE (RFC 1939 section 5): marks a message; it is removed at QUIT.</summary>
internal sealed record Dele(int Number) : ITransactionCommand<Dele>
{
    public static Verb Verb { get; } = new("DELE");

    public static Dele Parse(ref Pop3Reader r)
    {
        var number = r.Number("The message number");
        r.End();
        return new(number);
    }

    public ValueTask<Pop3Reply> RunAsync(Maildrop drop, CancellationToken ct)
    {
        if (drop.Find(Number) is null)
            return new(NoSuchMessage.Reply);
        drop.Delete(Number);
        return new(Pop3Reply.Ok("Marked for deletion at QUIT"));
    }
}
