using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Who else may do what with a mailbox (RFC 4314), and what each of them has seen.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124160000_Sharing")]
internal sealed class Sharing : SqlMigration;
