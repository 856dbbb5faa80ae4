using System.Text;
using CsCheck;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Mime;

/// <summary>Messages, mutilated: all is read without an exception, the same in any pieces, and what goes to IMAP clients as it is has its grammar.</summary>
public sealed class MimeFuzz
{
    private static readonly byte[][] Corpus = [.. Messages().Select(m => Encoding.UTF8.GetBytes(m.ReplaceLineEndings("\r\n")))];

    private static readonly Gen<byte[]> Mutated = Fuzzing.Mutations(
        Corpus, "--", "--b\r\n", "--b--", "\r\n", "\n", "\r", "\r\n\r\n", "boundary=", "boundary=\"\"", ";", "\"", "=?utf-8?q?", "?=", "=?", "charset*0*=", "filename*=utf-8''%E4", "(", ")", "<", ">",
        "message/rfc822", "multipart/", "Content-Type: ", "Content-Transfer-Encoding: base64\r\n", "=\r\n", "=C3", "\0", "\u00ff", "\u0080", " ", "\t", ":", ",");

    [Fact]
    public void AMessageIsReadTheSameInAnyPieces() => Fuzzing.Run(
        Gen.Select(Mutated, Gen.Int[1, 9]),
        static input =>
        {
            var (message, piece) = input;
            var facts = MessageFactsReader.Read(new MemoryStream(message), message.Length);
            var again = MessageFactsReader.Read(new Piecemeal(message, piece), message.Length);
            Assert.InRange(facts.HeaderSize, 0, message.Length);
            Assert.Equal(Text(facts.Structure), Text(again.Structure));
            Assert.Equal(Text(facts.Envelope), Text(again.Envelope));
            Assert.Equal((facts.HeaderSize, facts.SentAt, facts.Preview, facts.HasAttachments), (again.HeaderSize, again.SentAt, again.Preview, again.HasAttachments));
            AssertIsList(facts.Envelope.Span);
            AssertIsList(facts.Body.Span);
            AssertIsList(facts.Structure.Span);
        },
        3_000);

    /// <summary>The reading pane, and every part by its number.</summary>
    [Fact]
    public Task AMessageIsShown() => Fuzzing.RunAsync(
        Mutated,
        static async message =>
        {
            await MessageView.ReadAsync(new MemoryBody(message), CancellationToken.None);
            var tree = await MimePartTree.ReadAsync(new MemoryBody(message), CancellationToken.None);
            foreach (var part in new IReadOnlyList<int>[] { [1], [2], [1, 1], [2, 1], [1, 2] })
            {
                foreach (var text in Enum.GetValues<SectionText>())
                    await MessageSections.ReadAsync(new MemoryBody(message), new Section(part, text, ["Subject"]), tree, CancellationToken.None);
                await MessageSections.ReadBinaryAsync(new MemoryBody(message), part, tree, CancellationToken.None);
            }
        },
        1_000);

    private static string Text(ReadOnlyMemory<byte> octets) => Encoding.Latin1.GetString(octets.Span);

    /// <summary>One parenthesised list of atoms, quoted strings, literals and lists (RFC 9051 section 9, body and envelope), and nothing behind it.</summary>
    private static void AssertIsList(ReadOnlySpan<byte> wire)
    {
        var depth = 0;
        for (var i = 0; i < wire.Length; i++)
        {
            Assert.True(depth > 0 || i == 0, "Something stands behind the list");
            switch (wire[i])
            {
                case (byte)'(':
                    depth++;
                    break;
                case (byte)')':
                    depth--;
                    break;
                case (byte)'"':
                    i = EndOfQuoted(wire, i);
                    break;
                case (byte)'{':
                    i = EndOfLiteral(wire, i);
                    break;
                default:
                    Assert.True(wire[i] == ' ' || (wire[i] is > 32 and < 127 && wire[i] is not ((byte)'\\' or (byte)'%' or (byte)'*')), $"Octet {wire[i]} at {i}");
                    break;
            }
        }

        Assert.Equal(0, depth);
    }

    private static int EndOfQuoted(ReadOnlySpan<byte> wire, int at)
    {
        for (at++; wire[at] != '"'; at++)
        {
            Assert.True(wire[at] is not (0 or (byte)'\r' or (byte)'\n') && wire[at] < 0x80, "A quoted string holds what it must not");
            if (wire[at] == '\\')
                Assert.True(wire[++at] is (byte)'"' or (byte)'\\');
        }

        return at;
    }

    private static int EndOfLiteral(ReadOnlySpan<byte> wire, int at)
    {
        var close = at + wire[at..].IndexOf("}\r\n"u8);
        var length = int.Parse(wire[(at + 1)..close], System.Globalization.CultureInfo.InvariantCulture);
        Assert.False(wire.Slice(close + 3, length).Contains((byte)0), "A literal holds NUL");
        return close + 2 + length;
    }

    private static string[] Messages() =>
    [
        """
        From: "Bea B" <bea@example.net>, Group: a@b.test, =?utf-8?q?J=C3=B6rg?= <j@c.test>;
        To: undisclosed-recipients:;
        Cc: <@a.test,@b.test:ann@example.test> (comment (nested)), ann @ example . test
        Subject: =?utf-8?B?R3LDvMOfZQ==?= =?iso-8859-1?q?=E4_b?= Re: [list] fwd
        Date: Wed, 4 Mar 2026 10:00:00 +0200 (EET)
        Message-ID: <1@example.net>
        References: <a@b> <c@d>
         <e@f>
        In-Reply-To: "x" <g@h>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        preamble
        --b
        Content-Type: multipart/alternative; boundary="b c"

        --b c
        Content-Type: text/plain; charset=utf-8; format=flowed
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe=20
        soft=
         break
        --b c
        Content-Type: text/html; charset="iso-8859-1"
        Content-Language: de, en

        <p>Hi&nbsp;<b>there</b><style>p{}</style></p>
        --b c--
        --b
        Content-Type: application/octet-stream; name*0*=utf-8''%e2%82%ac; name*1=".pdf"
        Content-Disposition: attachment; filename="a\"b.pdf"; size=3
        Content-Transfer-Encoding: base64
        Content-ID: <cid@x>
        Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
        Content-Location: http://a.test/

        AAEC
        --b
        Content-Type: message/rfc822

        Subject: inner
        Content-Type: multipart/digest; boundary=i

        --i

        Subject: innermost

        text
        --i--
        --b--
        epilogue
        """,
        """
        Subject: plain
        Content-Type: text/plain; charset="utf-16"; (comment) x=y;
        Content-Transfer-Encoding: x-uuencode

        begin 644 a
        #0V%T
        `
        end
        """,
        "\n\nno header at all",
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\na\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n",
    ];

    /// <summary>Gives a few octets at a time.</summary>
    private sealed class Piecemeal(byte[] octets, int piece) : MemoryStream(octets)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(piece, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(piece, count));
    }
}
