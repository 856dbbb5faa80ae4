namespace Webmail.Protocols.Pop3.Commands;

/// <summary>AUTH (RFC 5034). Without a mechanism it lists them, as the clients expect that were there before CAPA.</summary>
internal sealed record Auth(string? Mechanism, string? Initial) : IAuthorizationCommand<Auth>
{
    public static Verb Verb { get; } = new("AUTH") { Capability = s => Mechanisms(s) is { Count: > 0 } names ? "SASL " + string.Join(' ', names) : null };

    public static Auth Parse(ref Pop3Reader r)
    {
        var mechanism = r.OptionalWord();
        var initial = r.OptionalWord();
        r.End();
        return new(mechanism, initial);
    }

    public async ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        if (Mechanism is null)
            return Pop3Reply.Ok("Mechanisms follow", new WordsBody(Mechanisms(session)));
        var start = session.Services.Sasl.Begin(Mechanism, session.Client);
        return start.Exchange is { } exchange ? await session.AuthenticateAsync(exchange, Initial, ct)
            : Pop3Reply.Err(start.NeedsTls ? "Logins only under TLS: use STLS first" : "There is no such mechanism");
    }

    public override string ToString() => "AUTH";

    private static List<string> Mechanisms(Pop3Session session) => [.. session.Services.Sasl.To(session.Client)];
}
