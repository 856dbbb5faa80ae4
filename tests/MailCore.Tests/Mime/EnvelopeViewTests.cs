using System.Text;
using Webmail.MailCore.Mime;

namespace Webmail.MailCore.Tests.Mime;

public sealed class EnvelopeViewTests
{
    private static EnvelopeView Of(string message)
    {
        var octets = Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n"));
        return EnvelopeView.Read(MessageFactsReader.Read(new MemoryStream(octets), octets.Length).Envelope.Span);
    }

    [Fact]
    public void Reads_names_addresses_and_subject_decoded()
    {
        var view = Of("""
            From: =?utf-8?B?546L5LqU?= <wangwu@example.test>
            To: Li Si <lisi@example.test>, "Doe, Jane" <jane@example.test>
            Cc: team: a@example.test, b@example.test;
            Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= aus "Köln"
            Message-ID: <1@example.test>
            In-Reply-To: <0@example.test>

            x
            """);
        Assert.Equal([new MailPerson("王五", "wangwu@example.test")], view.From);
        Assert.Equal(["Li Si <lisi@example.test>", "\"Doe, Jane\" <jane@example.test>"], view.To.Select(p => p.ToString()));
        Assert.Equal(["a@example.test", "b@example.test"], view.Cc.Select(p => p.Address));
        Assert.StartsWith("Grüße aus", view.Subject, StringComparison.Ordinal);
        Assert.Equal(view.From, view.ReplyTo);
        Assert.Equal(("<0@example.test>", "<1@example.test>"), (view.InReplyTo, view.MessageId));
    }

    [Fact]
    public void Takes_away_what_makes_a_name_pose_as_another()
    {
        var view = Of("From: =?utf-8?Q?bank=E2=80=AEknab?= <x@example.test>\nSubject: a =?utf-8?Q?=00=1B[31mb?=\n\n");
        Assert.Equal("bankknab", view.From[0].Name);
        Assert.DoesNotContain(view.Subject, char.IsControl);
    }

    [Theory]
    [InlineData("")]
    [InlineData("(")]
    [InlineData("(NIL NIL")]
    [InlineData("(\"unfinished")]
    [InlineData("(NIL {99999999999}\r\nx NIL)")]
    [InlineData("(NIL {50}\r\nshort")]
    [InlineData("(NIL NIL (((((((")]
    public void Gives_empty_fields_for_other_octets(string wire)
    {
        var view = EnvelopeView.Read(Encoding.Latin1.GetBytes(wire));
        Assert.Equal("", view.Subject);
        Assert.Empty(view.To);
    }

    [Fact]
    public void Reads_what_it_can_from_any_octets()
    {
        var random = new Random(7);
        var octets = new byte[200];
        for (var i = 0; i < 2_000; i++)
        {
            for (var n = 0; n < octets.Length; n++)
                octets[n] = (byte)"(\"NIL {3}\r\n\\)ab "[random.Next(16)];
            Assert.NotNull(EnvelopeView.Read(octets));
        }
    }
}
