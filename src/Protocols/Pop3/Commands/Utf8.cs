namespace Webmail.Protocols.Pop3.Commands;

/// <summary>
/// UTF8 (RFC 6856 section 2). Names and passwords are UTF-8 in either mode ("USER" in the capability), and messages are sent as they are stored in
/// either mode: a maildrop holds raw octets above 127 without SMTPUTF8 too, and a client that didn't ask still wants its mail (docs/adr/0043).
/// </summary>
internal sealed record Utf8 : IAuthorizationCommand<Utf8>
{
    public static Verb Verb { get; } = new("UTF8") { Capability = _ => "UTF8 USER" };

    public static Utf8 Parse(ref Pop3Reader r)
    {
        r.End();
        return new();
    }

    public ValueTask<Pop3Reply> RunAsync(Pop3Session session, CancellationToken ct)
    {
        session.IsUtf8 = true;
        return new(Pop3Reply.Ok("UTF-8"));
    }
}
