using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>The mail addresses that a certificate names: rfc822Name of its subjectAltName (RFC 5280 section 4.2.1.6). The subject's own e-mail attribute is obsolete and not looked at.</summary>
internal static class CertificateNames
{
    private const string SubjectAltName = "2.5.29.17";

    private static readonly Asn1Tag Rfc822Name = new(TagClass.ContextSpecific, 1);

    public static IEnumerable<EmailAddress> AddressesOf(X509Certificate2 certificate) =>
        certificate.Extensions.Where(e => e.Oid?.Value == SubjectAltName).SelectMany(e => Read(e.RawData));

    private static List<EmailAddress> Read(byte[] extension)
    {
        var found = new List<EmailAddress>();
        try
        {
            var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (!names.PeekTag().HasSameClassAndValue(Rfc822Name))
                    names.ReadEncodedValue();
                else if (EmailAddress.TryParse(names.ReadCharacterString(UniversalTagNumber.IA5String, Rfc822Name)) is { } address)
                    found.Add(address);
            }
        }
        catch (AsnContentException)
        {
            // What can't be read names nobody.
        }

        return found;
    }
}
