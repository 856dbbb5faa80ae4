namespace Webmail.Protocols.Pop3.Commands;

/// <summary>CAPA (RFC 2449 section 5): what the table's verbs bring, and what is true of the server as a whole.</summary>
internal sealed record Capa : IAnyStateCommand<Capa>
{
    public static Verb Verb { get; } = new("CAPA");

    // RFC 2449 section 6, RFC 3206. Nothing is ever expired, and one may log in again at once.
    private static readonly string[] General = ["PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "EXPIRE NEVER", "LOGIN-DELAY 0", "IMPLEMENTATION Webmail"];

    public static Capa Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        var ofVerbs = Pop3Commands.All.Entries.Select(e => e.Verb.Capability?.Invoke(session)).OfType<string>();
        return new(Pop3Reply.Ok("Capabilities follow", new WordsBody([.. ofVerbs, .. General])));
    }
}
