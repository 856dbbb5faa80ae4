using CsCheck;
using Webmail.Protocols.Lmtp;
using Webmail.Protocols.Smtp;
using Webmail.Protocols.Smtp.Client;
using Webmail.Protocols.Smtp.Commands;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Smtp;

/// <summary>Lines of SMTP, submission and LMTP, and replies of other servers, mutilated: each parser says yes or no and never anything else.</summary>
public sealed class SmtpReaderFuzz
{
    private static readonly string[] Words =
        ["<", ">", "@", ":", "FROM:", "TO:", "<>", "\"", "\\", "SIZE=", "BODY=8BITMIME", "NOTIFY=NEVER", "ORCPT=rfc822;", "+", "+2B", "=", "[IPv6:", "]", " ", "\0", "\r", "\u00ff", "\u00c3", "LAST", "9999999999"];

    private static readonly Gen<byte[]> Commands = Fuzzing.Mutations([.. Fuzzing.Transcribed("smtp"), .. Fuzzing.Transcribed("submission"), .. Fuzzing.Transcribed("lmtp")], Words);

    private static readonly Gen<byte[]> Replies = Fuzzing.Mutations(
        [.. new[] { "250 2.1.0 OK", "250-SIZE 1000", "354", "550 5.1.1 <a@b.test>: unknown", "421-4.7.0 later", "250-AUTH PLAIN LOGIN" }.Select(System.Text.Encoding.ASCII.GetBytes)], "-", " ", "2", "5.1.1", "\0", "\u00ff");

    [Fact]
    public void ALineIsReadOrRefused() => Fuzzing.Run(Commands, Read, 10_000);

    [Fact]
    public void AReplyIsReadOrRefused() => Fuzzing.Run(
        Replies,
        static octets =>
        {
            if (!RemoteReply.TryParseLine(octets, out var code, out _, out var text))
                return;
            Assert.InRange(code, 200, 599);
            Assert.DoesNotContain(text, char.IsControl);
            PeerExtensions.Parse([text]);
        },
        10_000);

    private static void Read(byte[] line)
    {
        var reader = new SmtpReader(line);
        if (reader.Verb() is not { } verb)
            return;
        var rest = line.AsSpan(verb.Length);
        Read<Mail>(rest);
        Read<Rcpt>(rest);
        Read<Data>(rest);
        Read<Bdat>(rest);
        Read<Vrfy>(rest);
        Read<Auth>(rest);
        Read<XClient>(rest);
        Read<Ehlo>(rest);
        Read<Helo>(rest);
        Read<Lhlo>(rest);
        Read<StartTls>(rest);
    }

    /// <summary>Whatever the verb, its rest may stand behind each of them.</summary>
    private static void Read<T>(ReadOnlySpan<byte> rest)
        where T : ISmtpVerb<T>
    {
        try
        {
            var reader = new SmtpReader(rest);
            T.Parse(ref reader);
        }
        catch (SmtpSyntaxException)
        {
            // No.
        }
    }
}
