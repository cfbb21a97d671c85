// Validates FHIR R4 resources against the base specification with HAPI FHIR; no network.
// Profiles of implementation guides that are not in the class path are reported as warnings.
//
//     java -cp "cache/*" ValidateFhir.java FILE...
//
// Prints a line an error: file, place, message. Status 1 if there is any.

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

public class ValidateFhir {
    public static void main(String[] files) throws Exception {
        FhirContext context = FhirContext.forR4();
        FhirInstanceValidator module = new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context)));
        module.setAnyExtensionsAllowed(true);
        module.setErrorForUnknownProfiles(false);
        FhirValidator validator = context.newValidator().registerValidatorModule(module);
        int errors = 0;
        for (String file : files) {
            var found = validator.validateWithResult(Files.readString(Path.of(file)));
            for (var one : found.getMessages()) {
                if (one.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal()) {
                    System.out.println(file + "\t" + one.getLocationString() + "\t" + one.getMessage());
                    errors++;
                }
            }
        }
        System.exit(errors == 0 ? 0 : 1);
    }
}
