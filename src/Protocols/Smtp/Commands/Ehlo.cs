using System.Buffers;

namespace Webmail.Protocols.Smtp.Commands;

/// <summary>EHLO (RFC 5321 section 4.1.1.1): the client's name against our extensions.</summary>
internal sealed record Ehlo(string Name) : IAnyTimeCommand<Ehlo>
{
    public static string Verb => "EHLO";

    public static Ehlo Parse(ref SmtpReader r) => new(Greetings.ReadName(ref r));

    public ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct) => Greetings.GreetAsync(session, Name);
}

/// <summary>HELO: no extensions, otherwise the same.</summary>
internal sealed record Helo(string Name) : IAnyTimeCommand<Helo>
{
    public static string Verb => "HELO";

    public static Helo Parse(ref SmtpReader r) => new(Greetings.ReadName(ref r));

    public async ValueTask<SmtpReply> RunAsync(SmtpSession session, CancellationToken ct)
    {
        await session.GreetAsync(Name, isExtended: false);
        return SmtpReply.Of(250, null, session.Settings.Hostname);
    }
}

/// <summary>What EHLO and LHLO share.</summary>
internal static class Greetings
{
    private static readonly SearchValues<char> Breaking = SearchValues.Create("()<>@,;\\\"");

    /// <summary>It can stand in a Received line.</summary>
    public static bool IsHostWord(string name) =>
        name.Length is > 0 and <= 255 && name.All(c => c is > ' ' and < (char)127) && !name.AsSpan().ContainsAny(Breaking);

    /// <summary>
    /// The name must be one word and stand in a Received line without breaking it; whether it is true is no reason to refuse mail (RFC 5321 section 4.1.4).
    /// </summary>
    public static string ReadName(ref SmtpReader r)
    {
        r.Space();
        var name = r.Word();
        r.End();
        if (!IsHostWord(name))
            throw SmtpSyntaxException.Arguments("That is no host name");
        return name;
    }

    public static async ValueTask<SmtpReply> GreetAsync(SmtpSession session, string name)
    {
        await session.GreetAsync(name, isExtended: true);
        return SmtpReply.Of(250, null, [$"{session.Settings.Hostname} greets {name}", .. SmtpExtensions.Lines(session)]);
    }
}
