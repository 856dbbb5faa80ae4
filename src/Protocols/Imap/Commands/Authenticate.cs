using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Webmail.MailCore.Auth;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

/// <summary>AUTHENTICATE (RFC 3501 section 6.2.2) with an initial response where the client sends one (RFC 4959).</summary>
/// <param name="Initial">In base64; "=" is the empty response; null: none.</param>
internal sealed record Authenticate(string Mechanism, string? Initial) : IAnonymousCommand<Authenticate>
{
    /// <summary>RFC 4422 bounds nothing; no mechanism of ours needs more.</summary>
    private const int MaxResponse = 12 * 1024;

    public static readonly Reply NeedsTls = Reply.No("Use STARTTLS first", Code.PrivacyRequired);

    private static readonly Reply Failed = Reply.No("The name or the password is wrong", Code.AuthenticationFailed);

    public static Verb Verb { get; } = new("AUTHENTICATE");

    public static Authenticate Parse(ref ImapReader r)
    {
        r.Space();
        var mechanism = Encoding.ASCII.GetString(r.Atom());
        string? initial = null;
        if (!r.Rules.Lacks("AUTHENTICATE INITIAL") && r.Take(' ') && !r.IsAtEnd)
        {
            initial = Encoding.Latin1.GetString(r.Remaining);
            if (initial.Length > MaxResponse)
                throw new SyntaxException("The initial response is too long");
            r.SkipRest();
        }

        r.End();
        return new(mechanism, initial);
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct)
    {
        var start = session.Server.Sasl.Begin(Mechanism, session.Client);
        if (start.Exchange is not { } exchange)
            return start.NeedsTls ? NeedsTls : Reply.No("There is no such mechanism", Code.Cannot);
        ReadOnlyMemory<byte>? message = null;
        if (Initial is not null && (message = DecodeInitial(Initial)) is null)
            return Reply.Bad("The initial response is not base64");
        while (true)
        {
            var step = await exchange.StepAsync(message, ct);
            if (step.IsDone)
                return Finish(session, step.Principal, step.Advice);
            session.Out.Line($"+ {new Raw(Encode(step.Challenge))}");
            session.Out.Commit();
            var line = await ResponseAsync(session, ct);
            if (line.Length == 1 && line.Span[0] == '*')
                return Reply.Bad("Authentication was cancelled");
            if ((message = Decode(line.Span)) is null)
                return Reply.Bad("The response is not base64");
        }
    }

    /// <summary>The end of both ways to log in. RFC 3501 section 6.2.3: what can be done now is said at once.</summary>
    /// <param name="advice">Words for the person after a failure; null: the usual ones.</param>
    public static Reply Finish(ImapSession session, Principal? principal, string? advice = null)
    {
        if (principal is null)
        {
            session.Server.Log.LoginFailed(session.Wire.Connection.Id, session.Wire.Connection.Remote.Address);
            return advice is null ? Failed : Reply.No(advice, Code.AuthenticationFailed);
        }

        session.LogIn(principal);
        session.Server.Log.LoggedIn(principal.Address, session.Wire.Connection.Id, session.Wire.Connection.Remote.Address);
        return Reply.Ok("Logged in", Code.Capability(ImapCapabilities.Of(session)));
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ResponseAsync(ImapSession session, CancellationToken ct)
    {
        while (true)
        {
            var line = await session.Wire.ReadLineAsync(MaxResponse, LineEnding.CrLfOrLf, ct);
            if (line.Status == ReadStatus.Data)
                return line.Bytes;
            if (line.Status is ReadStatus.TooLong)
                throw new SyntaxException("The response is too long");
            if (line.Status is not ReadStatus.Woken)
                throw new ConnectionEndedException(line.Status);
        }
    }

    private static byte[] Encode(ReadOnlyMemory<byte> octets) => Encoding.ASCII.GetBytes(Convert.ToBase64String(octets.Span));

    /// <summary>RFC 4959 section 3: "=" is a response of no octets.</summary>
    private static ReadOnlyMemory<byte>? DecodeInitial(string text) => Decode(text == "=" ? [] : Encoding.Latin1.GetBytes(text));

    private static ReadOnlyMemory<byte>? Decode(ReadOnlySpan<byte> text)
    {
        var octets = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, octets, out var read, out var written) != OperationStatus.Done || read != text.Length)
            return null;
        return octets.AsMemory(0, written);
    }
}
