using System.Globalization;
using System.Text;
using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Tests.Mime;

/// <summary>What is read once at append: wire forms, preview, sort keys, references.</summary>
public sealed class MessageFactsReaderTests
{
    internal static MessageFacts Read(string message)
    {
        var octets = Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n"));
        return MessageFactsReader.Read(new MemoryStream(octets), octets.Length);
    }

    private static string Text(ReadOnlyMemory<byte> octets) => Encoding.Latin1.GetString(octets.Span);

    [Fact]
    public void The_envelope_of_the_RFC_s_example()
    {
        var facts = Read("""
            Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
            Subject: IMAP4rev2 WG mtg summary and minutes
            From: Terry Gray <gray@cac.washington.edu>
            To: imap@cac.washington.edu
            Cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
            Message-ID: <B27397-0100000@cac.washington.edu>

            hello

            """);

        // RFC 9051 section 7.5.2.
        Assert.Equal(
            """("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" """
            + """(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) """
            + """(("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) """
            + """((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL """
            + "\"<B27397-0100000@cac.washington.edu>\")",
            Text(facts.Envelope));
        Assert.Equal("""("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1)""", Text(facts.Body));
        Assert.Equal(new DateOnly(1996, 7, 17), facts.SentDay);
        Assert.Equal(DateTimeOffset.Parse("1996-07-17T09:23:25Z", CultureInfo.InvariantCulture), facts.SentAt);
        Assert.Equal("hello", facts.Preview);
        Assert.False(facts.HasAttachments);
        Assert.Equal("GRAY", Text(facts.SortFrom));
    }

    [Fact]
    public void A_nested_structure_with_an_attached_message()
    {
        var facts = Read("""
            Content-Type: multipart/mixed; boundary="a b"

            preamble
            --a b
            Content-Type: text/html; charset=utf-8

            <p>Hi&nbsp;there</p>
            --a b
            Content-Type: message/rfc822
            Content-Disposition: attachment

            Subject: inner
            From: x@y

            one
            two
            --a b--
            epilogue

            """);
        Assert.Equal(
            """(("text" "html" ("charset" "utf-8") NIL NIL "7bit" 20 0)("message" "rfc822" NIL NIL NIL "7bit" 37 """
            + """(NIL "inner" ((NIL NIL "x" "y")) ((NIL NIL "x" "y")) ((NIL NIL "x" "y")) NIL NIL NIL NIL NIL) """
            + """("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1) 4) "mixed")""",
            Text(facts.Body));
        Assert.Equal("Hi there", facts.Preview);
        Assert.True(facts.HasAttachments);
    }

    [Fact]
    public void A_value_with_octets_above_127_is_a_literal_and_NUL_never_goes_out()
    {
        var facts = Read("Subject: caf\xc3\xa9\nFrom: \"a\\\"b\" <x@y>\nTo: n\0l <z@z>\n\n");
        Assert.Contains("{5}\r\ncaf\xc3\xa9", Text(facts.Envelope), StringComparison.Ordinal);
        Assert.Contains("\"a\\\"b\"", Text(facts.Envelope), StringComparison.Ordinal);
        Assert.DoesNotContain('\0', Text(facts.Envelope));
    }

    [Theory]
    [InlineData("Re: hello", "HELLO")]
    [InlineData("RE: Fwd: [list] Re[2]: hello (fwd)", "HELLO")]
    [InlineData("[list]", "[LIST]")]
    [InlineData("[Fwd: Re: a  b]", "A B")]
    [InlineData("=?utf-8?q?Re=3A_=C3=A9t=C3=A9?=", "E\u0301TE\u0301")]
    [InlineData("re", "RE")]
    [InlineData("", "")]
    public void The_base_subject(string subject, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Read($"Subject: {subject}\n\n").SortSubject.Span));

    [Theory]
    [InlineData("Message-ID: <c@x>\nIn-Reply-To: <z@x>\nReferences: <a@x>\n <b@x>\n\n", "c@x a@x b@x")]
    [InlineData("Message-ID: <c@x>\nIn-Reply-To: Your message <b@x> of <y@x>\n\n", "c@x b@x")]
    [InlineData("References: <a@x>\n\n", "- a@x")]
    [InlineData("Subject: none\n\n", "-")]
    public void Ancestry_is_the_own_id_and_the_ancestors_with_the_parent_last(string header, string ids)
    {
        var expected = ids.Split(' ').SelectMany(id => BitConverter.GetBytes(id == "-" ? 0 : MessageIds.Hash(id)).Reverse());
        Assert.Equal(expected, Read(header).Ancestry.ToArray());
    }

    [Fact]
    public void References_hold_the_own_id_first_and_each_once()
    {
        var facts = Read("Message-ID: <c@x>\nIn-Reply-To: <b@x>\nReferences: <a@x>\n <b@x>\n\n");
        Assert.Equal([MessageIds.Hash("c@x"), MessageIds.Hash("b@x"), MessageIds.Hash("a@x")], facts.References);
    }

    [Theory]
    [InlineData("utf-8", "quoted-printable", "=E4=BD=A0=E5=A5=BD", "你好")]
    [InlineData("gb2312", "base64", "xOO6ww==", "你好")]
    [InlineData("nonsense", "8bit", "caf\xe9", "café")]
    [InlineData("utf-8", "base64", "!!!not base64 at all***", "")]
    public void The_preview_is_decoded(string charset, string encoding, string body, string expected)
    {
        var preview = Read($"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n{body}\n").Preview;
        if (expected.Length > 0)
            Assert.Equal(expected, preview);
    }

    [Fact]
    public void Ten_thousand_nested_parts_and_a_megabyte_of_header_are_read_in_bounds()
    {
        var message = new StringBuilder("Subject: " + new string('x', 1_000_000) + "\n");
        for (var i = 0; i < 10_000; i++)
            message.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
        var facts = Read(message.ToString());
        Assert.True(facts.Envelope.Length < 300_000);
        Assert.True(facts.Structure.Length < 300_000);
        Assert.StartsWith("((((", Text(facts.Structure), StringComparison.Ordinal);
    }
}
